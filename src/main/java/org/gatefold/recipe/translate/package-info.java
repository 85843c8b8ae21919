/** Translation of texts, or of any sequences, into others. */
package org.gatefold.recipe.translate;
