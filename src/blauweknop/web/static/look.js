/* Courtesies on top of pages that work without them: a form is sent once, errors get the focus, a session warns before it ends, and when it has
   ended the page of the person goes from the screen. */
"use strict";
(() => {
  const PAUSE = 3000; // milliseconds; long enough for a double click, short enough to ask for a download again
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const buttons = form.querySelectorAll("button");
    buttons.forEach((button) => button.setAttribute("aria-disabled", "true"));
    window.setTimeout(() => {
      delete form.dataset.sent;
      buttons.forEach((button) => button.removeAttribute("aria-disabled"));
    }, PAUSE);
  });

  const summary = document.querySelector(".summary");
  if (summary) summary.focus();

  const warning = document.querySelector("[data-warn-after]");
  if (!warning) return;
  const LEFT = 185000; // milliseconds between the warning and the end, and a little more
  const stay = warning.querySelector("a");
  let timer;
  const wait = () => {
    warning.hidden = true;
    timer = window.setTimeout(() => {
      warning.hidden = false;
      timer = window.setTimeout(() => window.location.assign(stay.href), LEFT);
    }, Number(warning.dataset.warnAfter) * 1000);
  };
  stay.addEventListener("click", (event) => {
    event.preventDefault();
    window.clearTimeout(timer);
    fetch(stay.href, { credentials: "same-origin", redirect: "error" }).then(
      (answer) => (answer.ok ? wait() : window.location.assign(stay.href)),
      () => window.location.assign(stay.href),
    );
  });
  wait();
})();
