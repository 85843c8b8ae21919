/** Classification of sequences of measurements. */
package org.gatefold.recipe.sequences;
