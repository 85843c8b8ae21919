/** Sounds, pictures and films, and what is said in them. */
package org.gatefold.recipe.field.media;
