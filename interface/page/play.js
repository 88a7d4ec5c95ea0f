// ---- the year as a film: play, pause, step, speed, the week slider -------------------------------------------
const film = { isPlaying: false, speed: 4, last: 0, until: 0 };
const still = window.matchMedia("(prefers-reduced-motion: reduce)");
const SPEEDS = [1, 2, 4, 8];

function buildPlayer() {
  fill($("speed"), ...SPEEDS.map(n => el("option", { value: n, selected: n === film.speed }, say("player.speed_of", { n }))));
  $("speed").addEventListener("change", event => { film.speed = Number(event.target.value); });
  $("play").addEventListener("click", () => (film.isPlaying ? pause() : play()));
  $("step").addEventListener("click", () => { pause(); goToWeek(school.week + 1); });
  $("restart").addEventListener("click", () => { pause(); goToWeek(0); });
  $("week").addEventListener("input", event => { stop(); goToWeek(Number(event.target.value), false); touched = performance.now(); });
  $("week").addEventListener("change", speak);
}

// On to a week, by default the last. Who asked for less motion sees the class in a few weeks of it, one after the other.
function play(until = school.weeks) {
  if (school.week >= school.weeks) school.week = 0;
  film.until = until;
  film.isPlaying = true;
  $("opening").open = false; // what it says has been read
  film.last = 0;
  draw();
  requestAnimationFrame(roll);
}

function roll(time) {
  if (!film.isPlaying) return;
  film.last ||= time;
  const beat = still.matches ? Math.ceil(school.weeks / 6) : 1; // weeks that pass at once
  const weeks = Math.floor((time - film.last) / 1000 * film.speed / beat) * beat;
  if (weeks > 0) {
    film.last += weeks * 1000 / film.speed;
    school.week = Math.min(school.week + weeks, film.until);
    if (school.week === film.until) { pause(); afterChange(); return; }
    draw();
  }
  requestAnimationFrame(roll);
}

function stop() { film.isPlaying = false; }
function pause() {
  const was = film.isPlaying;
  stop();
  if (was) { draw(); speak(); }
}

function goToWeek(week, spoken = true) {
  if (week > 0) $("opening").open = false;
  school.week = Math.min(Math.max(week, 0), school.weeks);
  draw();
  afterChange();
  if (spoken) speak();
}

function drawPlayer() {
  const { week, weeks } = school, slider = $("week");
  if (Number(slider.max) !== weeks) slider.max = weeks;
  if (Number(slider.value) !== week) slider.value = week;
  const text = week ? say("player.week_of", { week, weeks }) : say("player.before");
  write($("week-of"), text);
  put(slider, "aria-valuetext", text);
  write($("play-word"), say(film.isPlaying ? "player.pause" : week && week < weeks ? "player.goon" : "player.play"));
  put($("play-sign"), "d", film.isPlaying ? "M4 3h4v14H4zM12 3h4v14h-4z" : "M5 3l12 7-12 7z");
}

// Everything that depends on the week.
function draw() {
  for (const side of SIDES) if (side === "A" || hasTwo()) drawSeats(side);
  drawPlayer();
  drawCurves();
  drawReading();
  drawThree();
  drawGuess();
  drawClasses();
  drawWhy();
  foldStage();
  drawNotes();
  remember();
}
