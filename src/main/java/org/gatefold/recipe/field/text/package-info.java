/** Texts, tokens, tags and translations, as inputs and as what is to be found. */
package org.gatefold.recipe.field.text;
