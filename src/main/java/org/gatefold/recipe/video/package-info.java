/** Classification of films. */
package org.gatefold.recipe.video;
