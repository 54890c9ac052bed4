// What the pages do beyond HTML. Everything works without this file.
(() => {
  "use strict";
  const $ = (s, root = document) => root.querySelector(s);
  const $$ = (s, root = document) => [...root.querySelectorAll(s)];
  const clock = () => new Date().toLocaleTimeString("es-CO", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "America/Bogota" });
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
  // A notice stands before the content, where the next Tab after "Saltar al
  // contenido" and the key F8 lead; whoever leaves it is back where they wrote.
  const notices = document.createElement("div");
  notices.setAttribute("role", "status");
  let back;
  const dismiss = () => {
    const box = $(".toast");
    if (!box) return;
    const inside = box.contains(document.activeElement);
    box.remove();
    if (inside && back?.isConnected) back.focus();
  };
  const toast = (text, ...controls) => {
    const inside = $(".toast")?.contains(document.activeElement);
    if (!inside) back = document.activeElement;
    $(".toast")?.remove();
    const box = document.createElement("div");
    box.className = "toast notice caution";
    box.addEventListener("focusin", (e) => {
      if (e.relatedTarget && !box.contains(e.relatedTarget)) back = e.relatedTarget;
    });
    const p = document.createElement("p");
    p.textContent = text;
    const actions = document.createElement("p");
    actions.className = "actions";
    actions.append(...controls);
    const hint = document.createElement("p");
    hint.className = "hint";
    hint.textContent = "Con la tecla F8 se llega a este aviso.";
    box.append(p, actions, hint);
    notices.append(box);
    if (inside) $("button, a", box).focus();
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
    $(".toast").setAttribute("role", "alert");
  };
  const renew = async () => {
    try {
      const r = await fetch(page.session, { method: "POST", redirect: "manual" });
      if (!r.ok) return end();
      expired = false;
      dismiss();
      schedule(r.headers.get("X-Sesion-Vence"));
      forms.forEach((f) => f.dirty && f.save?.());
    } catch {
      toast("No hay conexión. Su texto sigue aquí.", button("Intentar de nuevo", renew));
    }
  };
  $("main")?.before(notices);
  if (page.sessionEnds) schedule(page.sessionEnds);

  // What a save left out, at the fields and in words; what it did not is right.
  const mark = (form, campos) => {
    $$("[aria-invalid]", form).forEach((field) => {
      if (campos[field.name]) return;
      field.removeAttribute("aria-invalid");
      field.closest(".field")?.classList.remove("wrong");
      $("#" + field.id + "-error")?.remove();
    });
    return Object.entries(campos).map(([name, message]) => {
      const field = form.elements.namedItem(name);
      if (!field?.labels?.[0] || !field.id) return "No se guardó: " + message;
      const label = (field.labels[0].firstChild.textContent || field.labels[0].textContent).trim();
      const row = $("legend", field.closest("fieldset.record") || field)?.textContent.trim();
      const box = field.closest(".field");
      box.classList.add("wrong");
      field.setAttribute("aria-invalid", "true");
      let text = $("#" + field.id + "-error");
      if (!text) {
        text = document.createElement("p");
        text.className = "error";
        text.id = field.id + "-error";
        (box.querySelector("label") || field).after(text);
        const described = field.getAttribute("aria-describedby");
        field.setAttribute("aria-describedby", [text.id, described].filter(Boolean).join(" "));
      }
      text.textContent = "No se guardó: " + message;
      return (row ? row + ", " + label.toLowerCase() : label) + " no se guardó: " + message.replace(/\.$/, "");
    });
  };

  // Forms that are worth keeping: those that have a status line.
  const forms = new Map();
  const guard = (form) => {
    // dirty: something typed has not been sent; partial: something was refused.
    const state = { dirty: false, partial: false };
    forms.set(form, state);
    const say = (text, bad) => {
      const status = $("[data-status]", form);
      if (!status) return;
      status.textContent = text;
      status.classList.toggle("bad", !!bad);
    };
    let wait, busy, stuck;
    const later = (ms) => {
      clearTimeout(wait);
      if (state.save && !stuck && !expired) wait = setTimeout(state.save, ms);
    };
    // What was saved, all of it or without the fields of campos.
    const saved = (campos) => {
      const left = mark(form, campos);
      state.partial = left.length > 0;
      say(["Guardado " + clock(), ...left].join(". "), state.partial);
    };
    const send = async (leaving) => {
      let again = 4000;
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
          saved(r.status === 204 ? {} : (await r.json()).campos);
        } else {
          state.dirty = true;
          again = 15000;
          if (r.type === "opaqueredirect" || r.status === 401) {
            say("Sin guardar: la sesión terminó", true);
            end();
          } else if (r.status === 412) {
            stuck = true;
            say("Sin guardar: este borrador cambió en otra ventana. Copie su texto y recargue la página.", true);
          } else {
            const problem = await r.json().catch(() => ({}));
            say("Sin guardar" + (problem.detail ? ": " + problem.detail : ""), true);
          }
        }
      } catch {
        state.dirty = true;
        again = 10000;
        say("Sin conexión: se guardará al volver", true);
      }
      busy = null;
      if (state.dirty) later(again);
    };
    state.save = "autosave" in form.dataset ? (leaving) => {
      clearTimeout(wait);
      if (!state.dirty || stuck) return;
      if (busy) return later(1000);
      if (expired) return say("Sin guardar: la sesión terminó", true);
      busy = send(leaving === true);
    } : null;
    if ("unsaved" in form.dataset) { // the page came back with what was refused
      state.dirty = true;
      later(3000);
    }
    form.addEventListener("input", (e) => {
      if (e.target.name === "cie10_q") return;
      state.dirty = true;
      say("Cambios sin guardar");
      later(3000);
    });
    form.addEventListener("submit", (e) => {
      if (expired) {
        e.preventDefault();
        return end();
      }
      if (busy) { // it brings the version that this one has to name
        e.preventDefault();
        return busy.then(() => form.requestSubmit(e.submitter));
      }
      clearTimeout(wait);
      state.dirty = state.partial = false;
    });
    // A part of the page is being replaced: it carries the whole form and
    // brings the next version, or what is wrong.
    const path = new URL(form.action).pathname;
    const saves = (e) => e.detail.requestConfig.path === path;
    form.addEventListener("htmx:confirm", (e) => {
      if (!busy || e.detail.path !== path) return;
      e.preventDefault();
      busy.then(() => e.detail.issueRequest());
    });
    let done;
    form.addEventListener("htmx:beforeRequest", (e) => {
      if (!saves(e)) return;
      if (expired) {
        e.preventDefault();
        return end();
      }
      clearTimeout(wait);
      busy = new Promise((resolve) => { done = resolve; });
      state.dirty = false; // until something more is typed
    });
    form.addEventListener("htmx:afterRequest", (e) => {
      if (!saves(e)) return;
      busy = null;
      done?.();
      const { status, responseURL } = e.detail.xhr;
      if (status >= 200 && status < 300 && new URL(responseURL, location).pathname === path) {
        mark(form, {});
        state.partial = false;
        return later(3000);
      }
      state.dirty = true;
      stuck ||= status === 412;
      if (status !== 412 && status !== 422) say("Sin guardar: no se pudo completar. Intente de nuevo.", true);
      later(5000);
    });
  };
  $$("form:has([data-status])").forEach(guard);
  addEventListener("beforeunload", (e) => {
    if ([...forms.values()].some((f) => f.dirty || f.partial)) e.preventDefault();
  });
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") forms.forEach((f) => f.save?.(true));
  });

  // A part of the page that would be replaced by another page stays.
  document.addEventListener("htmx:beforeSwap", (e) => {
    const at = new URL(e.detail.xhr.responseURL || "", location).pathname;
    if (at === new URL(e.detail.requestConfig.path, location).pathname) return;
    e.detail.shouldSwap = false;
    if (at === page.signIn) end();
  });

  // A second click does not send a form twice.
  document.addEventListener("submit", (e) => {
    if (e.defaultPrevented) return;
    if (e.target.dataset.sent) return e.preventDefault();
    e.target.dataset.sent = "1";
    setTimeout(() => delete e.target.dataset.sent, 4000);
  });
  // A page that the browser kept whole comes back as if nothing had been sent.
  addEventListener("pageshow", (e) => {
    if (e.persisted) $$("form[data-sent]").forEach((form) => delete form.dataset.sent);
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
    } else if (e.key === "F8" && $(".toast")) {
      e.preventDefault();
      $(".toast button, .toast a").focus();
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
    const within = (name, v) => {
      const { min, max } = $(`[name='signos_vitales.${name}']`)?.dataset || {};
      return v >= number(min) && v <= number(max);
    };
    if (out) out.textContent = within("peso", kg) && within("talla", cm) ? "IMC " + (kg / (cm / 100) ** 2).toFixed(1).replace(".", ",") + " kg/m²" : "";
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
