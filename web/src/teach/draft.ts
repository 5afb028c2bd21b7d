import type { Schemas } from "../api/client";

type Kind = Schemas["QuestionKind"];

/** A question as its form holds it: what belongs to other kinds stays while the kind is tried out. */
export interface QuestionDraft {
  /** Tells the questions of a form apart. */
  id: number;
  text: string;
  points: string;
  kind: Kind;
  options: string[];
  /** Places of the right options, from 1. */
  correct: number[];
  value: string;
  tolerance: string;
  /** One on each line. */
  accepted: string;
  explanation: string;
}

/** A quiz as its form holds it. */
export interface QuizDraft {
  questions: QuestionDraft[];
  pass_percent: string;
  attempts_max: string;
}

/** A lesson as its form holds it. */
export interface LessonDraft {
  title: string;
  description: string;
  content: string;
  /** How long it takes; a video brings its own duration. */
  minutes: string;
  is_preview: boolean;
  quiz: QuizDraft;
}

/** A question that is still to be written. */
export function newQuestion(id: number): QuestionDraft {
  return {
    id,
    text: "",
    points: "1",
    kind: "single",
    options: ["", ""],
    correct: [],
    value: "",
    tolerance: "0",
    accepted: "",
    explanation: "",
  };
}

/** A lesson that is still to be written. */
export function newLesson(): LessonDraft {
  const quiz = { questions: [newQuestion(0)], pass_percent: "70", attempts_max: "3" };
  return { title: "", description: "", content: "", minutes: "", is_preview: false, quiz };
}

/** The form of a lesson that is there. */
export function draftOf(lesson: Schemas["LessonView"]): LessonDraft {
  return {
    title: lesson.title,
    description: lesson.description,
    content: lesson.content ?? "",
    minutes: lesson.duration_seconds === 0 ? "" : String(lesson.duration_seconds / 60),
    is_preview: lesson.is_preview,
    quiz: lesson.quiz ? quizDraft(lesson.quiz) : newLesson().quiz,
  };
}

function quizDraft({ questions, solutions, pass_percent, attempts_max }: Schemas["QuizView"]): QuizDraft {
  const each = questions.map((question, id): QuestionDraft => {
    const solution = solutions?.[id];
    const draft = {
      ...newQuestion(id),
      text: question.text,
      points: String(question.points),
      kind: question.kind,
      options: question.options ?? [],
      explanation: solution?.explanation ?? "",
    };
    const key = solution?.answer;
    switch (key?.kind) {
      case "single":
        return { ...draft, correct: [key.correct] };
      case "multiple":
        return { ...draft, correct: key.correct };
      case "numeric":
        return { ...draft, value: String(key.value), tolerance: String(key.tolerance ?? 0) };
      case "short_text":
        return { ...draft, accepted: key.accepted.join("\n") };
      default:
        return draft;
    }
  });
  return { questions: each, pass_percent: String(pass_percent), attempts_max: String(attempts_max) };
}

function keyOf({ kind, correct, value, tolerance, accepted }: QuestionDraft): Schemas["QuestionKey"] {
  switch (kind) {
    case "single":
      return { kind, correct: correct[0] ?? 0 };
    case "multiple":
      return { kind, correct };
    case "numeric":
      return { kind, value: Number(value), tolerance: Number(tolerance) };
    case "short_text":
      return { kind, accepted: accepted.split("\n").map((line) => line.trim()).filter(Boolean) };
  }
}

/** The quiz that is sent. */
export function quizOf({ questions, pass_percent, attempts_max }: QuizDraft): Schemas["Quiz"] {
  return {
    questions: questions.map((question) => ({
      text: question.text,
      points: Number(question.points),
      options: question.kind === "single" || question.kind === "multiple" ? question.options : [],
      answer: keyOf(question),
      explanation: question.explanation,
    })),
    pass_percent: Number(pass_percent),
    attempts_max: Number(attempts_max),
  };
}

/** What is sent of a lesson's form; `before` is what the form began with. */
export function lessonOf(kind: Schemas["LessonKind"], draft: LessonDraft, before: LessonDraft) {
  const { title, description, content, minutes, is_preview, quiz } = draft;
  return {
    title,
    description,
    is_preview,
    ...(kind === "text" && { content }),
    ...(kind === "quiz" && { quiz: quizOf(quiz) }),
    ...(kind !== "video" && minutes !== before.minutes && { duration_seconds: Math.round(Number(minutes) * 60) }),
  };
}
