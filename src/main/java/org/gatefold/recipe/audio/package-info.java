/** Classification of recordings. */
package org.gatefold.recipe.audio;
