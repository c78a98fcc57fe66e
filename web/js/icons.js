// Line icons of the desk on a 24-unit grid, as path data for `icon()`.

export const ICONS = {
  overview: "M4 13h6V4H4zM14 20h6v-9h-6zM4 20h6v-3H4zM14 7h6V4h-6z",
  conversations: "M5 5h14v10.5H11L7 19v-3.5H5zM8.5 9h7M8.5 12h4.5",
  documents: "M7 3.5h7l4 4v13H7zM14 3.5v4h4M10 12h5M10 15.5h5",
  analytics: "M5 20V11M12 20V4M19 20v-6",
  settings: "M4 7h9M17 7h3M4 17h3M11 17h9M15 4.5v5M9 14.5v5",
  billing: "M3.5 6.5h17v11h-17zM3.5 10.5h17M7 14.5h3",
  playground: "M9 4h6M10 4v5.5L5 18.5a1.3 1.3 0 0 0 1.2 1.9h11.6a1.3 1.3 0 0 0 1.2-1.9L14 9.5V4M7.5 15h9",
  menu: "M4 7h16M4 12h16M4 17h16",
  more: "M8 10l4 4 4-4",
  close: "M6 6l12 12M18 6 6 18",
  check: "M5 12.5l4.5 4.5L19 7.5",
  tray: "M4 13.5 6.5 5h11L20 13.5V19H4zM4 13.5h5l1.5 2.5h3l1.5-2.5h5",
  lock: "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
  sign: "M12 4.5 21 20H3zM12 10.5v4M12 17.2v.3",
  person: "M12 12a3.8 3.8 0 1 0 0-7.6 3.8 3.8 0 0 0 0 7.6ZM5 20c.6-3.5 3.3-5.5 7-5.5s6.4 2 7 5.5",
  next: "M9 6l6 6-6 6",
  copy: "M9 9h11v11H9zM5 15H4V4h11v1",
  question: "M9 9.2a3 3 0 1 1 4.4 2.7c-.9.5-1.4 1.1-1.4 2.1M12 17.3v.3",
  heart: "M3.5 12h4l2-5 4 11 2.5-6h4.5",
};
