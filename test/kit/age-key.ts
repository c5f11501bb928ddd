/** A pair of age's, made by age-keygen 1.1.1 for tests; it opens nothing else. */
export const AGE_KEY = {
  identity: 'AGE-SECRET-KEY-14NHR326YGVH0JR0AA5EQNP233D49839N727NSYFQUJLPNTXRS82QJZ85MC',
  recipient: 'age1pjddw0c4837c6ld6ju5sc7f9zu4h2jkshtect5cjhcvl35djfvqsjpwn5x',
} as const;
