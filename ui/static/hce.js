// What the pages do beyond HTML. Everything works without this file.
(() => {
  "use strict";
  const $ = (s, root = document) => root.querySelector(s);
  const $$ = (s, root = document) => [...root.querySelectorAll(s)];
  const clock = () => new Date().toLocaleTimeString("es-CO", { hour: "2-digit", minute: "2-digit", hour12: false });
  const page = document.body.dataset;
  let expired = false;

  // Session: warn two minutes before it ends; when it has ended, send nothing,
  // so that no text is lost on the way to the sign-in page.
  let timer;
  const schedule = (ends) => {
    clearTimeout(timer);
    const left = Date.parse(ends) - Date.now();
    if (Number.isNaN(left)) return;
    timer = setTimeout(left > 1000 ? warn : end, Math.min(Math.max(left - 120000, 0), 2 ** 31 - 1), ends);
  };
  const toast = (text, ...controls) => {
    $(".toast")?.remove();
    const box = document.createElement("div");
    box.className = "toast notice caution";
    box.setAttribute("role", "alert");
    const p = document.createElement("p");
    p.textContent = text;
    const actions = document.createElement("p");
    actions.className = "actions";
    actions.append(...controls);
    box.append(p, actions);
    document.body.append(box);
  };
  const button = (text, onclick) => {
    const b = document.createElement("button");
    b.type = "button";
    b.className = "button";
    b.textContent = text;
    b.addEventListener("click", onclick);
    return b;
  };
  const warn = (ends) => {
    toast("Su sesión termina en menos de dos minutos.", button("Seguir conectado", renew));
    timer = setTimeout(end, Math.max(Date.parse(ends) - Date.now(), 0));
  };
  const end = () => {
    expired = true;
    const a = document.createElement("a");
    a.className = "button quiet";
    a.href = page.signIn;
    a.target = "_blank";
    a.rel = "noopener";
    a.textContent = "Ingresar en otra pestaña";
    toast("Su sesión terminó. Lo que escribió sigue en esta página: ingrese en otra pestaña y luego continúe aquí.", a, button("Ya ingresé", renew));
  };
  const renew = async () => {
    try {
      const r = await fetch(page.session, { method: "POST", redirect: "manual" });
      if (!r.ok) return end();
      expired = false;
      $(".toast")?.remove();
      schedule(r.headers.get("X-Sesion-Vence"));
      forms.forEach((f) => f.dirty && f.save?.());
    } catch {
      toast("No hay conexión. Su texto sigue aquí.", button("Intentar de nuevo", renew));
    }
  };
  if (page.sessionEnds) schedule(page.sessionEnds);

  // Forms that are worth keeping: those that have a status line.
  const forms = new Map();
  const guard = (form) => {
    const state = { dirty: false };
    forms.set(form, state);
    const say = (text, bad) => {
      const status = $("[data-status]", form);
      if (!status) return;
      status.textContent = text;
      status.classList.toggle("bad", !!bad);
    };
    let wait, busy, stuck;
    state.save = "autosave" in form.dataset ? async (leaving) => {
      clearTimeout(wait);
      if (!state.dirty || busy || stuck) return;
      if (expired) return say("Sin guardar: la sesión terminó", true);
      busy = true;
      state.dirty = false;
      if (!leaving) say("Guardando…");
      try {
        const r = await fetch(form.action, {
          method: "POST", body: new URLSearchParams(new FormData(form)), redirect: "manual", keepalive: !!leaving,
          headers: { "X-Autoguardado": "1", Accept: "application/json" },
        });
        if (r.ok) {
          const version = form.elements.namedItem("version");
          if (version && r.headers.get("ETag")) version.value = r.headers.get("ETag");
          if (r.headers.get("X-Sesion-Vence")) schedule(r.headers.get("X-Sesion-Vence"));
          say("Guardado " + clock());
        } else {
          state.dirty = true;
          if (r.type === "opaqueredirect" || r.status === 401) {
            say("Sin guardar: la sesión terminó", true);
            end();
          } else if (r.status === 412) {
            stuck = true;
            say("Sin guardar: este borrador cambió en otra ventana. Copie su texto y recargue la página.", true);
          } else {
            const problem = await r.json().catch(() => ({}));
            say("Sin guardar" + (problem.detail ? ": " + problem.detail : ""), true);
            wait = setTimeout(state.save, 15000);
          }
        }
      } catch {
        state.dirty = true;
        say("Sin conexión: se guardará al volver", true);
        wait = setTimeout(state.save, 10000);
      }
      busy = false;
      if (state.dirty && !stuck && !expired) wait ||= setTimeout(state.save, 4000);
    } : null;
    form.addEventListener("input", (e) => {
      if (e.target.name === "cie10_q") return;
      state.dirty = true;
      say("Cambios sin guardar");
      if (!state.save) return;
      clearTimeout(wait);
      wait = setTimeout(state.save, 3000);
    });
    form.addEventListener("submit", (e) => {
      if (expired) {
        e.preventDefault();
        return end();
      }
      clearTimeout(wait);
      state.dirty = false;
    });
    // A part of the page is being replaced: it carries the whole form and
    // brings the next version.
    const saves = (e) => e.detail.requestConfig.path === new URL(form.action).pathname;
    form.addEventListener("htmx:beforeRequest", (e) => {
      if (!saves(e)) return;
      if (expired) {
        e.preventDefault();
        return end();
      }
      clearTimeout(wait);
      busy = true;
    });
    form.addEventListener("htmx:afterRequest", (e) => {
      if (!saves(e)) return;
      busy = false;
      state.dirty = !e.detail.successful;
      if (!state.dirty) return;
      say("No se pudo completar. Intente de nuevo.", true);
      if (!expired) wait = setTimeout(state.save, 5000);
    });
  };
  $$("form:has([data-status])").forEach(guard);
  addEventListener("beforeunload", (e) => {
    if ([...forms.values()].some((f) => f.dirty)) e.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") forms.forEach((f) => f.save?.(true));
  });

  // A part of the page that would be replaced by the sign-in page stays.
  document.addEventListener("htmx:beforeSwap", (e) => {
    if (new URL(e.detail.xhr.responseURL || "", location).pathname !== page.signIn) return;
    e.detail.shouldSwap = false;
    end();
  });

  // A second click does not send a form twice.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented) return;
    if (e.target.dataset.sent) return e.preventDefault();
    e.target.dataset.sent = "1";
    setTimeout(() => delete e.target.dataset.sent, 4000);
  });

  // Keyboard. The one-key shortcut can be turned off (WCAG 2.1.4).
  const shortcuts = $("[data-shortcuts]");
  const on = () => localStorage.getItem("atajos") !== "no";
  const label = () => { shortcuts.textContent = "Atajo «/» para buscar: " + (on() ? "sí" : "no"); };
  if (shortcuts) {
    shortcuts.hidden = false;
    label();
    shortcuts.addEventListener("click", () => {
      localStorage.setItem("atajos", on() ? "no" : "si");
      label();
    });
  }
  document.addEventListener("keydown", (e) => {
    const typing = e.target.closest("input, textarea, select, [contenteditable]");
    if (e.key === "/" && !typing && !e.ctrlKey && !e.metaKey && !e.altKey && on()) {
      const search = $("[data-search]");
      if (search) {
        e.preventDefault();
        search.focus();
        search.select();
      }
    } else if (e.key === "s" && (e.ctrlKey || e.metaKey) && $("[data-save]")) {
      e.preventDefault();
      $("[data-save]").click();
    } else if (e.key === "Enter" && e.target.dataset.enter) {
      e.preventDefault();
      $("#" + e.target.dataset.enter).click();
    } else if (e.key === "Escape") {
      $$("details.account[open]").forEach((d) => { d.open = false; $("summary", d).focus(); });
    }
  });

  // Vital signs: what the server will refuse, and what is unusual.
  const number = (s) => (s ? Number(s.trim().replace(",", ".")) : NaN);
  const judge = (input) => {
    const warning = $("#" + input.id + "-warn");
    if (!warning) return;
    const v = number(input.value);
    const { min, max, low, high } = input.dataset;
    let text = "";
    if (input.value.trim() && Number.isNaN(v)) text = "Escriba un número.";
    else if (v < number(min) || v > number(max)) text = `Fuera de lo posible (${min}–${max}).`;
    else if (v < number(low)) text = "Bajo.";
    else if (v > number(high)) text = "Alto.";
    if (warning.textContent !== text) warning.textContent = text;
  };
  const bmi = () => {
    const out = $("[data-bmi]");
    const kg = number($("[name='signos_vitales.peso']")?.value);
    const cm = number($("[name='signos_vitales.talla']")?.value);
    if (out) out.textContent = kg > 0 && cm > 0 ? "IMC " + (kg / (cm / 100) ** 2).toFixed(1).replace(".", ",") + " kg/m²" : "";
  };
  document.addEventListener("change", (e) => {
    if (e.target.dataset.max) judge(e.target);
    if (e.target.name?.startsWith("signos_vitales.")) bmi();
  });
  bmi();

  // Small comforts.
  $$(".main-nav [aria-current], .tabs [aria-current]").forEach((a) => {
    const list = a.closest("ul");
    list.scrollLeft = a.offsetLeft - list.offsetLeft - (list.clientWidth - a.clientWidth) / 2;
  });
  $$("[data-print]").forEach((b) => {
    b.hidden = false;
    b.addEventListener("click", () => print());
  });
  $$("input[type=password]").forEach((input) => {
    const b = button("Mostrar", () => {
      const shown = input.type === "text";
      input.type = shown ? "password" : "text";
      b.textContent = shown ? "Mostrar" : "Ocultar";
    });
    b.className = "button quiet";
    b.setAttribute("aria-controls", input.id);
    b.setAttribute("aria-label", "Mostrar u ocultar: " + input.labels[0].textContent.replace("*", "").trim());
    const line = document.createElement("div");
    line.className = "search-line";
    input.replaceWith(line);
    line.append(input, b);
  });
})();
