/** Language models that count: n-grams with back-off, learnt from texts or read from ARPA files. */
package org.gatefold.data.ngram;
