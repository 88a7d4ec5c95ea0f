// ---- what a phone in the room opens: the page for one student, or what is seen here, as a QR code -----------------
const HERE_ALONE = /^(localhost|127\.|\[::1\])/;
const invitation = { isPage: false };

// Where phones reach this page: as its server says, else where it was opened, unless that is a file or this computer alone.
const reached = () => DATA.phones || (/^https?:$/.test(location.protocol) && !HERE_ALONE.test(location.hostname) ? location.href.replace(/#.*/, "") : "");
const linkOfPage = () => toAddress({ ...stateNow(), isProjected: false, codes: "" });
function linkOfPhone() {
  const { scene, seed, size, weeks } = school, opening = phoneOpening({ scene: scene.name });
  const state = { ...opening, scene: scene.name, seed, size, weeks, rules: life.rules };
  return scene === DATA.scenes[0] && isSame({ ...state, scene: "" }, opening) ? "" : toPhone(state);
}

// The code of a link, with the address to be typed; or why there is none, in a sentence.
function codeOf(link, label) {
  const rows = reached() && qrCode(link);
  return rows ? qrPicture(rows, label) : el("p", { class: "note" }, say(reached() ? "qr.long" : location.protocol === "file:" ? "qr.file" : "qr.local"));
}

// In the drawer, where the link stands.
function drawLinkCode() {
  if ($("link").open) fill($("link-code"), codeOf(reached() + linkOfPage(), say("qr.page")));
}

// Large, for a room.
function openInvitation() {
  pause();
  invitation.isPage = school.step !== "student";
  drawInvitation();
  if (!$("invitation").open) $("invitation").showModal();
}

function drawInvitation() {
  const isServed = Boolean(DATA.phones), isPage = invitation.isPage || !isServed, base = reached() + (isPage ? "" : "student");
  const choice = (is, key) => el("button", { type: "button", "aria-pressed": String(is === isPage), onclick: () => { invitation.isPage = is; drawInvitation(); $("invitation").querySelector("[aria-pressed=true]").focus(); } }, say(key));
  fill($("invitation"), el("header", {}, el("h2", { id: "invitation-title" }, say("qr.heading")),
    el("div", { class: "buttons" }, ...isServed ? [choice(false, "qr.student"), choice(true, "qr.page")] : [], el("button", { type: "button", onclick: () => $("invitation").close() }, say("diary.close")))),
  codeOf(base + (isPage ? linkOfPage() : linkOfPhone()), say(isPage ? "qr.page" : "qr.student")),
  reached() && el("p", { class: "read" }, base.replace(/^https?:\/\//, "")));
}

function buildInvitation() {
  $("link").addEventListener("toggle", drawLinkCode);
  document.addEventListener("keydown", event => {
    if (!event.altKey || event.code !== "KeyQ" || document.querySelector("dialog[open]")) return;
    event.preventDefault();
    openInvitation();
  });
}
