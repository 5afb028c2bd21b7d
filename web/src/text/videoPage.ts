/** Texts of a video that everybody may watch, in English. */
export const videoPage = {
  notFound: "There is no such video",
  kept: "This video is not for you here",
  adults: "18+",
  notReady: "There is nothing to watch yet.",
  elsewhere: "Another site shows this video.",
  subtitles: (languages: string) => `Subtitles: ${languages}`,
  profile: "Go to your profile",
};

/** Texts about who may watch a video, in English. */
export const audience = {
  title: "Who may see it",
  lead: "Students of its courses may watch it in any case, unless you keep it from their country or age.",
  visibility: "Everybody else",
  visibilities: {
    PUBLIC: "May find and watch it",
    UNLISTED: "May watch it with its link",
    PRIVATE: "May not see it",
  },
  tags: "Tags",
  tagsHint: "Words by which it is found, with commas between them.",
  countries: "Not in these countries",
  countriesHint: "Codes of two letters with commas between them, such as US, DE.",
  adults: "For adults of 18 years and more only",
  publish: "Publish",
  publishHint: "Until then nobody sees its page.",
  page: "See its page",
};
