/** Simple methods that every model is compared with. */
package org.gatefold.recipe.baseline;
