// ---- for a wall: the whole screen, type by its height, seats beside the leading curves, and clickers ---------
const STATIONS = [1 / 9, 1 / 4, 1 / 2, 1]; // of the year, at which a clicker's film stands still
const FOLDS = ["opening", "guess", "classes"];

function buildProjector() {
  $("project").addEventListener("click", () => setProjector(!school.isProjected));
  document.addEventListener("fullscreenchange", () => { if (!document.fullscreenElement && school.isProjected) setProjector(false); });
  document.addEventListener("keydown", onKey);
  for (const id of FOLDS) $(id).addEventListener("toggle", foldStage);
  showProjector();
}

function setProjector(is) {
  school.isProjected = is;
  showProjector();
  // where a browser refuses the whole screen, the page is laid out for it all the same
  if (is) document.documentElement.requestFullscreen?.().catch(() => {});
  else if (document.fullscreenElement) document.exitFullscreen();
  remember();
}

function showProjector() {
  document.documentElement.dataset.projected = document.body.dataset.projected = school.isProjected;
  $("project").setAttribute("aria-pressed", school.isProjected);
  write($("project"), say(school.isProjected ? "player.unproject" : "player.project"));
  if (school.isProjected) $("opening").open = false;
  else showNotes(false);
}

// On a wall the three kinds of failing, the show of hands and the plot of classes, while they are open, stand in the place of the classrooms.
function foldStage() {
  const folded = String(FOLDS.some(id => $(id).open && !$(id).hidden));
  if (document.body.dataset.folded !== folded) document.body.dataset.folded = folded;
}

// A clicker's two keys: on to the next station of the year, back to the one before.
function onKey(event) {
  if (event.altKey && event.code === "KeyP") { event.preventDefault(); setProjector(!school.isProjected); return; }
  if (!school.isProjected || document.querySelector("dialog[open]")) return;
  const { week, weeks } = school, stations = STATIONS.map(share => Math.max(Math.round(share * weeks), 1));
  if (event.key === "PageDown") {
    if (film.isPlaying) pause();
    else if (week < weeks) play(stations.find(station => station > week));
  } else if (event.code === "KeyN" && !event.altKey && !event.ctrlKey && !event.metaKey && !event.target.matches("select, input:not([type=range])")) showNotes($("notes").hidden);
  else if (event.key === "Escape" && !$("notes").hidden) showNotes(false);
  else if (event.key === "PageUp") { pause(); goToWeek(stations.findLast(station => station < week) ?? 0); }
  else if (event.key === "Escape") setProjector(false);
  else return;
  event.preventDefault();
}
