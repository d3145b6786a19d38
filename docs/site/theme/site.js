// The search, and the list of pages on a narrow window. The index is a script
// of its own, `searchIndex`, so that it also loads without a server.
(function () {
  'use strict';

  var MOST = 20; // results that are shown
  var AROUND = 70; // characters of text before what was found

  var base = document.body.dataset.base;
  var input = document.getElementById('search');
  var found = document.getElementById('found');
  var menu = document.getElementById('menu');

  // --- what is there to find ------------------------------------------------

  var sections = searchIndex.map(function (section) {
    return {
      url: base + '/' + section.url,
      title: section.title,
      page: section.page,
      text: section.text,
      lowTitle: section.title.toLowerCase(),
      lowText: section.text.toLowerCase(),
      isExample: section.url.indexOf('examples/') === 0,
    };
  });

  function count(text, word) {
    return text.split(word).length - 1;
  }

  // Every word must be there; one in a title weighs more. 0: it is not found.
  function weigh(section, words) {
    var weight = 0;
    for (var i = 0; i < words.length; i++) {
      var inTitle = count(section.lowTitle, words[i]);
      var inText = count(section.lowText, words[i]);
      if (inTitle + inText === 0) return 0;
      if (section.lowTitle === words[i]) weight += 50;
      weight += 20 * inTitle + Math.min(inText, 8);
    }
    return section.isExample ? weight / 10 : weight; // explained elsewhere
  }

  function search(words) {
    return sections.map(function (section) {
      return { section: section, weight: weigh(section, words) };
    }).filter(function (result) {
      return result.weight > 0;
    }).sort(function (a, b) {
      return b.weight - a.weight;
    }).slice(0, MOST);
  }

  // --- showing it -------------------------------------------------------------

  function element(name, text, parent) {
    var made = document.createElement(name);
    if (text) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  function mark(parent, text, words) {
    var escaped = words.map(function (word) {
      return word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    });
    text.split(new RegExp('(' + escaped.join('|') + ')', 'i'))
      .forEach(function (piece, i) {
        element(i % 2 ? 'mark' : 'span', piece, parent);
      });
  }

  function excerpt(section, words) {
    var at = section.lowText.indexOf(words[0]);
    var from = Math.max(0, at - AROUND);
    return (from > 0 ? '…' : '') + section.text.substr(from, 3 * AROUND);
  }

  function close() {
    found.hidden = true;
    found.textContent = '';
  }

  function show() {
    var words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    close();
    if (words.length === 0) return;
    var results = search(words);
    results.forEach(function (result) {
      var section = result.section;
      var link = element('a', '', found);
      link.href = section.url;
      element('b', section.title, link);
      if (section.page !== section.title) element('small', section.page, link);
      mark(element('p', '', link), excerpt(section, words), words);
    });
    if (results.length === 0) element('p', 'Nothing was found.', found);
    found.hidden = false;
  }

  // The next or previous one of the input and what was found.
  function move(step) {
    var stops = [input].concat([].slice.call(found.querySelectorAll('a')));
    var at = stops.indexOf(document.activeElement) + step;
    stops[(at + stops.length) % stops.length].focus();
  }

  // --- what people do -----------------------------------------------------------

  function openMenu(open) {
    document.body.classList.toggle('open', open);
    menu.setAttribute('aria-expanded', String(open));
  }

  input.addEventListener('input', show);
  input.addEventListener('focus', show);
  input.form.addEventListener('submit', function (event) {
    event.preventDefault();
    var first = found.querySelector('a');
    if (first) first.click();
  });

  found.addEventListener('click', close);

  menu.addEventListener('click', function () {
    openMenu(!document.body.classList.contains('open'));
  });

  document.getElementById('pages').addEventListener('click', function (event) {
    if (event.target.closest('a')) openMenu(false);
  });

  document.addEventListener('click', function (event) {
    if (!event.target.closest('#found, form')) close();
  });

  document.addEventListener('keydown', function (event) {
    var isOpen = !found.hidden;
    if (event.key === '/' && document.activeElement !== input) {
      event.preventDefault();
      input.focus();
    } else if (event.key === 'Escape') {
      close();
      openMenu(false);
      input.blur();
    } else if (isOpen && event.key === 'ArrowDown') {
      event.preventDefault();
      move(1);
    } else if (isOpen && event.key === 'ArrowUp') {
      event.preventDefault();
      move(-1);
    }
  });
}());
