// ---- everything in its place, and the first scene ------------------------------------------------------------
openScene(school.scene);
for (const side of SIDES) buildRoom(side);
buildCurves();
buildPlayer();
buildNotes();
buildProjector();
buildClasses();
buildWhy();
buildSave();
buildScenes();
buildWorld();
buildClass();
buildMap();
buildResults();
buildInvitation();
if (school.roster) school.room = 0;
for (const button of $("steps").querySelectorAll("button")) {
  button.addEventListener("click", () => {
    goTo(button.dataset.step);
    $("title").focus({ preventScroll: true });
    if (narrow.matches) rooms.A.seats.scrollIntoView({ block: "nearest" }); // the room is what a step is about
  });
}
$("diary").addEventListener("close", () => (rooms[diary.side]?.buttons[diary.seat]?.button ?? $("three-list").querySelector(`[data-seat="${diary.seat}"]`) ?? $("three-list").querySelector("button"))?.focus());
$("diary").addEventListener("click", event => { if (event.target === $("diary")) $("diary").close(); });
goTo("scene");
buildAddress();
