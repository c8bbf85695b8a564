/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Readings of the plots: the row of data that lies nearest to the pointer, or that the arrow keys choose. */
(function () {
  'use strict';
  function number(value, unit) {
    if (unit === 'h:min') {
      const minutes = Math.round(value * 60), day = Math.floor(minutes / 1440);
      const ofDay = ((minutes % 1440) + 1440) % 1440;
      const clock = Math.floor(ofDay / 60) + ':' + String(ofDay % 60).padStart(2, '0');
      return day > 0 ? 'day ' + (day + 1) + ', ' + clock : clock;
    }
    const size = Math.abs(value);
    if (unit === 'km')
      return value.toFixed(2);
    if (size >= 1000)
      return Math.round(value).toString().replace(/\B(?=(\d{3})+$)/g, ',');
    return String(Number(size >= 100 ? value.toFixed(1) : value.toPrecision(3)));
  }

  function reading(block, row) {
    const lines = [];
    if (block.notes && block.notes[row])
      lines.push([block.notes[row]]);
    block.columns.forEach(function (column, i) {
      const value = block.values[i][row];
      if (column && value !== null) {
        const unit = column[1] === 'h:min' ? '' : column[1];
        lines.push([column[0], number(value, column[1]) + (unit ? '\u00a0' + unit : '')]);
      }
    });
    return lines;
  }

  function element(name, attributes) {
    const made = document.createElementNS('http://www.w3.org/2000/svg', name);
    for (const key of Object.keys(attributes))
      made.setAttribute(key, attributes[key]);
    return made;
  }

  function setUp(figure) {
    const data = JSON.parse(figure.querySelector('script').textContent);
    const svg = figure.querySelector('svg'), tip = figure.querySelector('.tip');
    const marks = element('g', {'class': 'marks'});
    let chosen = null;
    svg.appendChild(marks);

    // Where the picture shows a row of a panel; null where it does not.
    function place(panel, row) {
      const block = data.blocks[panel.block], at = panel.at;
      const x = block.values[panel.x][row], y = panel.y < 0 ? null : block.values[panel.y][row];
      if (x === null || (panel.y >= 0 && y === null))
        return null;
      const point = {
        x: at[0] + (x - at[4]) / (at[5] - at[4]) * (at[1] - at[0]),
        y: y === null ? null : at[3] - (y - at[6]) / (at[7] - at[6]) * (at[3] - at[2])
      };
      const out = point.x < at[0] - 1 || point.x > at[1] + 1 ||
                  (point.y !== null && (point.y < at[2] - 1 || point.y > at[3] + 1));
      if (out && panel.y >= 0 && !panel.plane)
        return point.x < at[0] - 1 || point.x > at[1] + 1 ? null : {x: point.x, y: null};
      return out ? null : point;
    }

    function inside(panel, x, y) {
      const at = panel.at;
      return x >= at[0] - 8 && x <= at[1] + 8 && y >= at[2] - 8 && y <= at[3] + 8;
    }

    // A line or bar over x is read anywhere above or below it.
    function distance(panel, row, x, y) {
      const point = place(panel, row);
      if (!point)
        return Infinity;
      let across = Math.abs(point.x - x);
      if (panel.width >= 0) {
        const at = panel.at, wide = data.blocks[panel.block].values[panel.width][row];
        across = Math.max(0, across - Math.abs(wide / (at[5] - at[4]) * (at[1] - at[0])) / 2);
      }
      if (!panel.plane || point.y === null)
        return across;
      return Math.hypot(across, point.y - y);
    }

    function nearest(x, y) {
      let best = null;
      for (const panel of data.panels) {
        if (!inside(panel, x, y))
          continue;
        const count = data.blocks[panel.block].values[0].length;
        for (let row = 0; row < count; row++) {
          const away = distance(panel, row, x, y);
          if (away < (best ? best.away : Infinity))
            best = {panel: panel, row: row, away: away};
        }
      }
      return best;
    }

    function mark(panel, row, point) {
      for (const other of data.panels) { // the same row in all graphs over the same axis
        const also = other.block === panel.block && other.x === panel.x ? place(other, row) : null;
        if (!also)
          continue;
        marks.appendChild(element('line', {x1: also.x, x2: also.x, y1: other.at[2], y2: other.at[3]}));
        if (also.y !== null)
          marks.appendChild(element('circle', {cx: also.x, cy: also.y, r: 7}));
      }
      if (point.y !== null && panel.plane)
        marks.appendChild(element('line', {x1: panel.at[0], x2: panel.at[1], y1: point.y, y2: point.y}));
    }

    function hide() {
      chosen = null;
      marks.textContent = '';
      tip.hidden = true;
    }

    function show(panel, row) {
      const point = place(panel, row);
      if (!point)
        return false;
      chosen = {panel: panel, row: row};
      marks.textContent = '';
      mark(panel, row, point);
      tip.textContent = '';
      for (const line of reading(data.blocks[panel.block], row)) {
        const item = document.createElement('div');
        line.forEach(function (part) {
          const span = document.createElement(line.length > 1 ? 'span' : 'strong');
          span.textContent = part;
          item.appendChild(span);
        });
        tip.appendChild(item);
      }
      tip.hidden = false;
      const matrix = svg.getScreenCTM(), frame = figure.getBoundingClientRect();
      const left = matrix.a * point.x + matrix.e - frame.left;
      const right = left > frame.width / 2;
      tip.style.left = (right ? Math.max(4, left - tip.offsetWidth - 18) : Math.min(left + 18, frame.width - tip.offsetWidth - 4)) + 'px';
      tip.style.top = matrix.d * panel.at[2] + matrix.f - frame.top + 8 + 'px';
      return true;
    }

    function follow(event) {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const best = nearest(at.x, at.y);
      if (best)
        show(best.panel, best.row);
      else
        hide();
    }

    function step(event) {
      const by = {ArrowLeft: -1, ArrowRight: 1, PageUp: -20, PageDown: 20}[event.key];
      if (event.key === 'Escape')
        hide();
      if (!by || !data.panels.length)
        return;
      event.preventDefault();
      const panel = chosen ? chosen.panel : data.panels[0];
      const count = data.blocks[panel.block].values[0].length;
      let row = chosen ? chosen.row + by : by > 0 ? 0 : count - 1;
      row = Math.min(Math.max(row, 0), count - 1);
      while (row >= 0 && row < count && !show(panel, row))
        row += Math.sign(by);
    }

    svg.addEventListener('pointermove', follow);
    svg.addEventListener('pointerdown', follow);
    svg.addEventListener('pointerleave', function (event) {
      if (event.pointerType === 'mouse')
        hide();
    });
    svg.addEventListener('keydown', step);
    svg.addEventListener('blur', hide);
    figure.classList.add('read');
  }

  document.querySelectorAll('figure.plot').forEach(function (figure) {
    if (figure.querySelector('script'))
      setUp(figure);
  });
  // Paper shows what is folded away, where it is short.
  window.addEventListener('beforeprint', function () {
    document.querySelectorAll('details.print').forEach(function (part) {
      part.open = true;
    });
  });
})();
