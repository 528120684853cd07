/* Small comforts. Every page is complete without this file. */
(function () {
  "use strict";
  var d = document, h = d.documentElement, fr = h.lang === "fr", ref = h.dataset.ref, store = {};
  try { store = localStorage; } catch (x) {}

  /* times: the site's zone, UTC, or the reader's own */
  var tz = d.querySelector(".tz"), me = Intl.DateTimeFormat().resolvedOptions().timeZone;
  function show(k) {
    var zone = k === "utc" ? "UTC" : k === "me" ? me : ref;
    d.querySelectorAll("time[data-f]").forEach(function (e) {
      var f = e.dataset.f, o = { timeZone: zone, hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
      e.dataset.own = e.dataset.own || e.textContent;
      if (k === "ref") { e.textContent = e.dataset.own; return; }
      if (f === "hms") o.second = "2-digit";
      if (f === "dhm") { o.day = "numeric"; o.month = "short"; o.year = "numeric"; }
      var s = new Intl.DateTimeFormat(fr ? "fr-FR" : "en-GB", o).format(new Date(e.dateTime));
      e.textContent = fr && f !== "hms" ? s.replace(/0?(\d+):(\d\d)$/, "$1\u00a0h\u00a0$2") : s;
    });
    d.querySelectorAll("[data-z]").forEach(function (e) {
      e.dataset.own = e.dataset.own || e.textContent;
      e.textContent = k === "utc" ? "UTC" : k === "me" ? h.dataset.yours + " (" + me + ")" : e.dataset.own;
    });
  }
  function chosen() { return tz.querySelector(":checked").value; }
  tz.hidden = false;
  tz.addEventListener("change", function () { store.tz = chosen(); show(chosen()); });
  var kept = /^(utc|me)$/.test(store.tz) && tz.querySelector("[value=" + store.tz + "]") || tz.querySelector("[value=ref]");
  if (!kept.checked) { kept.checked = true; show(kept.value); }

  /* quiet refresh: no focus moved, no scroll; only a new h1 is announced */
  var live = d.querySelector(".live"), box = live.querySelector("input");
  live.hidden = false;
  box.checked = store.live !== "no";
  box.addEventListener("change", function () { store.live = box.checked ? "yes" : "no"; });
  function refresh() {
    var m = d.getElementById("main");
    if (!box.checked || d.hidden || m.contains(d.activeElement) && m !== d.activeElement) return;
    fetch(location.pathname, { cache: "no-cache" }).then(function (r) { return r.ok ? r.text() : ""; }).then(function (t) {
      var n = t && new DOMParser().parseFromString(t, "text/html"), b = n && n.getElementById("main");
      if (!b) return;
      var open = Array.from(m.querySelectorAll("details[open]"), function (e) { return e.id; });
      var was = m.querySelector("h1").textContent, is = b.querySelector("h1").textContent;
      m.replaceChildren.apply(m, Array.from(b.childNodes));
      d.getElementById("asof").replaceWith(n.getElementById("asof"));
      open.forEach(function (i) { var e = d.getElementById(i); if (e) e.open = true; });
      d.title = n.title;
      if (chosen() !== "ref") show(chosen());
      if (was !== is) d.getElementById("news").textContent = is;
    }, function () {});
  }
  setInterval(refresh, 60000);
})();
