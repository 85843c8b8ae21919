/** Texts: lines, tokens, tagged sentences, vocabularies. */
package org.gatefold.data.text;
