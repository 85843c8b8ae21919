/** Classification of texts. */
package org.gatefold.recipe.classify;
