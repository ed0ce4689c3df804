// What JavaScript adds to the console. Every page works without it.
//
//   data-live   a part of a page that follows what happens: it is fetched again
//               when something changed. The first link of each row of its tables
//               has an id; j and k go from one to the next.
//   data-copy   a button, hidden without us, that copies the text of that id
//   data-focus  takes the focus when the page opens: the error summary

// Live parts: on each event the page is fetched, and each part that differs is
// put in its place. While somebody is at work in a part nothing moves under
// their hands: a button says what is new.
const liveParts = () => document.querySelectorAll("[data-live]");
let news; // where it is said

function busyIn(part) {
  const selection = document.getSelection();
  return part.contains(document.activeElement) || (selection && !selection.isCollapsed && part.contains(selection.anchorNode));
}

const rows = (within) => [...within.querySelectorAll("tbody tr")].map((row) => row.querySelector("a")).filter(Boolean);

function newRows(now, then) {
  const known = new Set(rows(then).map((a) => a.id));
  return rows(now).filter((a) => !known.has(a.id)).length;
}

function say(text, show) {
  news.replaceChildren();
  if (!text) return;
  if (!show) {
    news.textContent = text;
    return;
  }
  const button = document.createElement("button");
  button.type = "button";
  button.className = "nhsuk-button nhsuk-button--small nhsuk-u-margin-bottom-0";
  button.textContent = text;
  button.addEventListener("click", show);
  news.append(button);
}

// put replaces a part, and gives the focus back to where it was.
function put(part, fresh) {
  const focused = part.contains(document.activeElement) && document.activeElement.closest("[id]")?.id;
  part.replaceWith(fresh);
  if (focused) {
    const again = document.getElementById(focused);
    (again?.matches("a, button, input, select, textarea") ? again : again?.querySelector("a, button"))?.focus();
  }
}

async function refresh() {
  const answer = await fetch(location.href, { headers: { "X-Nasdesk-Live": "1" }, credentials: "same-origin", redirect: "manual" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const parts = page.querySelectorAll("[data-live]");
  for (const [i, part] of liveParts().entries()) {
    const fresh = parts[i];
    if (!fresh || fresh.textContent === part.textContent) continue;
    const count = newRows(fresh, part);
    const text = count ? `${count} new: show` : "Changed: show";
    if (!busyIn(part)) {
      put(part, fresh);
      if (count) say(`${count} new in the list`);
      continue;
    }
    say(text, () => {
      say("");
      put(part, fresh);
      fresh.querySelector("a, button")?.focus();
    });
  }
}

function follow() {
  if (!liveParts().length || !window.EventSource) return;
  news = document.createElement("div");
  news.className = "nas-news";
  news.setAttribute("role", "status");
  document.querySelector("main").append(news);
  let soon;
  const changed = () => {
    clearTimeout(soon);
    if (!document.hidden) soon = setTimeout(() => refresh().catch(() => {}), 300);
  };
  let stream;
  const listen = () => {
    stream = new EventSource("/events");
    stream.addEventListener("changed", changed);
  };
  listen();
  // A page in the background lets go of its stream, and looks again when it is seen.
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      stream.close();
      return;
    }
    listen();
    changed();
  });
  window.addEventListener("pagehide", () => stream.close());
}

// Keys of one letter can be switched off (WCAG 2.2, 2.1.4), for those whose
// voice or device types letters of its own.
const keysOff = () => localStorage.getItem("nasdesk-keys") === "off";

function typing(target) {
  return target.isContentEditable || target.matches("input:not([type=checkbox]):not([type=radio]), textarea, select");
}

function step(by) {
  const links = [...liveParts()].flatMap((part) => rows(part));
  if (!links.length) return;
  const here = links.findIndex((a) => a.closest("tr").contains(document.activeElement));
  const to = here < 0 ? (by > 0 ? 0 : links.length - 1) : Math.min(Math.max(here + by, 0), links.length - 1);
  links[to].focus();
  links[to].scrollIntoView({ block: "nearest" });
}

function help() {
  document.getElementById("keys-help")?.showModal();
}

function onKey(e) {
  if (e.defaultPrevented || e.ctrlKey || e.altKey || e.metaKey || typing(e.target) || document.querySelector("dialog[open]") || keysOff()) return;
  const search = document.getElementById("search-field");
  const keys = { j: () => step(1), k: () => step(-1), "/": () => search?.focus(), "?": help };
  if (!Object.hasOwn(keys, e.key)) return;
  e.preventDefault();
  keys[e.key]();
}

function keys() {
  const dialog = document.getElementById("keys-help");
  if (!dialog) return;
  document.addEventListener("keydown", onKey);
  const open = document.getElementById("keys-open");
  open.hidden = false;
  open.addEventListener("click", help);
  const on = document.getElementById("keys-on");
  on.checked = !keysOff();
  on.addEventListener("change", () => localStorage.setItem("nasdesk-keys", on.checked ? "on" : "off"));
}

// Text that was typed and not sent is asked about before the page is left.
function guard() {
  const typed = new Set();
  document.addEventListener("input", (e) => {
    const form = e.target.form;
    if (form?.method === "post" && e.target.matches("textarea, input[type=text]")) typed.add(e.target);
  });
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented) return;
    if (e.target.method === "post") {
      // A second press of the button sends nothing more.
      if (e.target.dataset.sent) return e.preventDefault();
      e.target.dataset.sent = "yes";
      setTimeout(() => delete e.target.dataset.sent, 2000);
      typed.clear();
    }
  });
  window.addEventListener("beforeunload", (e) => {
    if ([...typed].some((field) => field.isConnected && field.value !== field.defaultValue)) e.preventDefault();
  });
}

// What is to be typed elsewhere is copied.
function copying() {
  for (const button of document.querySelectorAll("button[data-copy]")) {
    const from = document.getElementById(button.dataset.copy);
    if (!from || !navigator.clipboard) continue;
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(from.textContent);
      const was = button.innerHTML;
      button.textContent = "Copied";
      setTimeout(() => (button.innerHTML = was), 2000);
    });
  }
}

document.querySelector("[data-focus]")?.focus();
copying();
follow();
keys();
guard();
