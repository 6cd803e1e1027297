/* Small comforts on pages that work without them: menus, questions, copying, drafts, first error, double submits. */
(function () {
  "use strict";

  var DRAFT = "draft:" + (document.body.dataset.user || "") + ":";

  // --- menus (<details class="menu">): close on Escape and on a click elsewhere
  document.addEventListener("click", function (event) {
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      if (!menu.contains(event.target)) menu.open = false;
    });
  });
  document.addEventListener("keydown", function (event) {
    if (event.key !== "Escape") return;
    document.querySelectorAll("details.menu[open]").forEach(function (menu) {
      var inside = menu.contains(document.activeElement);
      menu.open = false;
      if (inside) menu.querySelector("summary").focus();
    });
  });

  // --- a row of tabs too long for a phone starts at the tab one is on
  document.querySelectorAll(".subnav [aria-current]").forEach(function (tab) {
    var row = tab.parentElement, at = tab.getBoundingClientRect(), box = row.getBoundingClientRect();
    row.scrollLeft += at.left - box.left - (box.width - at.width) / 2;
  });

  // --- one question before a step that cannot be undone: data-confirm on the form or on its button
  function ask(text, answerLabel, yes) {
    var dialog = document.createElement("dialog");
    if (!dialog.showModal) {
      if (window.confirm(text)) yes();
      return;
    }
    dialog.className = "ask";
    var words = document.createElement("p");
    words.id = "ask-words";
    words.textContent = text;
    dialog.setAttribute("aria-labelledby", "ask-words");
    var actions = document.createElement("div");
    actions.className = "actions";
    [["btn btn-plain", "再想想", ""], ["btn btn-primary", answerLabel || "确定", "yes"]].forEach(function (part) {
      var button = document.createElement("button");
      button.type = "button";
      button.className = part[0];
      button.textContent = part[1];
      button.addEventListener("click", function () { dialog.close(part[2]); });
      actions.appendChild(button);
    });
    dialog.append(words, actions);
    dialog.addEventListener("close", function () {
      var agreed = dialog.returnValue === "yes";
      dialog.remove();
      if (agreed) yes();
    });
    document.body.appendChild(dialog);
    dialog.showModal();
  }

  // Capture phase: the question comes before htmx or anything else sees the submit.
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    var source = button && button.dataset.confirm ? button : form;
    var text = source.dataset.confirm;
    if (!text || form.dataset.agreed) { delete form.dataset.agreed; return; }
    event.preventDefault();
    event.stopImmediatePropagation();
    ask(text, source.dataset.confirmLabel, function () {
      form.dataset.agreed = "yes";
      if (button) form.requestSubmit(button); else form.requestSubmit();
    });
  }, true);

  // --- a form is sent once: the second click does nothing, the button says so
  document.addEventListener("submit", function (event) {
    var form = event.target, button = event.submitter;
    if (event.defaultPrevented || form.method !== "post" || form.hasAttribute("data-repeat")) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "yes";
    if (button && button.tagName === "BUTTON") {
      button.setAttribute("aria-busy", "true");
      button.dataset.label = button.textContent;
      if (!button.querySelector("svg")) button.textContent = button.dataset.busy || "正在提交…";
    }
  });
  function release(root) {
    root.querySelectorAll("form[data-sent]").forEach(function (form) { delete form.dataset.sent; });
    root.querySelectorAll("button[aria-busy]").forEach(function (button) {
      button.removeAttribute("aria-busy");
      if (button.dataset.label && !button.querySelector("svg")) button.textContent = button.dataset.label;
    });
  }
  window.addEventListener("pageshow", function (event) { if (event.persisted) release(document); });
  document.addEventListener("htmx:afterRequest", function () { release(document); });

  // --- copy: data-copy="#id" copies the text of that element, data-copy-text copies the words themselves
  function select(element) {
    var range = document.createRange();
    range.selectNodeContents(element);
    var selection = window.getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  }
  function say(text) {
    var live = document.getElementById("live");
    if (live) { live.textContent = ""; window.setTimeout(function () { live.textContent = text; }, 50); }
  }
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-copy], [data-copy-text]");
    if (!button) return;
    event.preventDefault();
    var source = button.dataset.copy ? document.querySelector(button.dataset.copy) : null;
    var text = source ? (source.value || source.textContent) : button.dataset.copyText;
    var label = button.dataset.label || button.textContent;
    button.dataset.label = label;
    function done() {
      button.textContent = "已复制";
      say("已复制，可以粘贴到微信群");
      window.setTimeout(function () { button.textContent = label; }, 2500);
    }
    function byHand() {
      var box = document.createElement("textarea");
      box.value = text;
      document.body.appendChild(box);
      box.select();
      var copied = false;
      try { copied = document.execCommand("copy"); } catch (error) { copied = false; }
      box.remove();
      if (copied) { done(); return; }
      if (source) select(source);
      say("请按 Ctrl+C 或长按文字复制");
    }
    if (navigator.clipboard && window.isSecureContext) navigator.clipboard.writeText(text).then(done, byHand);
    else byHand();
  });

  // --- print, and closing a message
  document.addEventListener("click", function (event) {
    if (event.target.closest("[data-print]")) window.print();
    var close = event.target.closest("[data-close]");
    if (close) close.closest("li, .note").remove();
  });

  // --- drafts: a form with data-draft="name" keeps its words in this tab until they arrived
  function keep(name) { return DRAFT + name; }
  function fields(form) {
    return Array.prototype.filter.call(form.elements, function (field) {
      return field.name && ["hidden", "password", "file", "submit", "button"].indexOf(field.type) < 0;
    });
  }
  function store(form) {
    var words = fields(form).map(function (field) {
      if (field.type === "checkbox" || field.type === "radio") return [field.name, field.value, field.checked];
      return [field.name, field.value];
    });
    try { sessionStorage.setItem(keep(form.dataset.draft), JSON.stringify(words)); } catch (error) { /* storage is off */ }
  }
  function restore(form) {
    var stored = null;
    try { stored = JSON.parse(sessionStorage.getItem(keep(form.dataset.draft))); } catch (error) { return; }
    if (!stored || form.querySelector("[aria-invalid='true']")) return;
    var changed = false, list = fields(form);
    stored.forEach(function (word) {
      list.forEach(function (field) {
        if (field.name !== word[0]) return;
        if (word.length === 3) {
          if (field.value === word[1] && field.checked !== word[2]) { field.checked = word[2]; changed = true; }
        } else if (field.value !== word[1]) { field.value = word[1]; changed = true; }
      });
    });
    if (!changed) return;
    var note = document.createElement("p");
    note.className = "note";
    note.setAttribute("role", "status");
    note.textContent = "已恢复您上次没有提交的内容。";
    var button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-text";
    button.textContent = "不要了，重新填";
    button.addEventListener("click", function () { forget(form.dataset.draft); form.reset(); note.remove(); });
    note.append(" ", button);
    form.prepend(note);
  }
  function forget(name) { try { sessionStorage.removeItem(keep(name)); sessionStorage.removeItem("sent:" + keep(name)); } catch (error) { /* storage is off */ } }
  function eachKey(prefix, act) {
    try { Object.keys(sessionStorage).forEach(function (key) { if (key.indexOf(prefix) === 0) act(key); }); } catch (error) { /* storage is off */ }
  }
  document.addEventListener("input", function (event) {
    var form = event.target.form;
    if (form && form.dataset.draft) store(form);
  });
  document.addEventListener("submit", function (event) {
    var form = event.target;
    if (event.defaultPrevented) return;
    if (form.hasAttribute("data-leave")) { // signing out leaves no words behind on a shared computer
      eachKey("draft:", function (key) { sessionStorage.removeItem(key); });
      eachKey("sent:", function (key) { sessionStorage.removeItem(key); });
    } else if (form.dataset.draft) {
      try { sessionStorage.setItem("sent:" + keep(form.dataset.draft), "yes"); } catch (error) { /* storage is off */ }
    }
  });
  // A draft that was sent is forgotten when the answer says it arrived.
  if (document.querySelector("[data-message='success']")) {
    eachKey("sent:", function (key) { sessionStorage.removeItem(key.slice(5)); sessionStorage.removeItem(key); });
  }

  // --- every page and every fragment: restore drafts, go to the first error
  function ready(root) {
    root.querySelectorAll("form[data-draft]").forEach(restore);
    var wrong = root.querySelector("[aria-invalid='true']:not([type='hidden'])") || root.querySelector(".error-summary");
    if (wrong) {
      if (wrong.classList.contains("error-summary")) wrong.setAttribute("tabindex", "-1");
      wrong.focus();
    }
  }
  ready(document);
  document.addEventListener("htmx:load", function (event) { if (event.target !== document.body) ready(event.target); });

  // --- htmx: an answer that is an error is said in words, nothing typed is lost
  document.addEventListener("htmx:responseError", function (event) {
    var status = event.detail.xhr.status;
    if (status === 403) say("没有办成：您没有权限，或登录已过期。请刷新页面后再试。");
    else say("没有办成：服务器没有处理这次操作，已填内容还在，请稍后再试。");
  });
  document.addEventListener("htmx:sendError", function () { say("网络不通，已填内容还在，请稍后再试。"); });
})();
