/** Methods that need no network for classifying, tagging, predicting and translating text: counts, naive Bayes, bigrams. */
package org.gatefold.recipe.baseline.text;
