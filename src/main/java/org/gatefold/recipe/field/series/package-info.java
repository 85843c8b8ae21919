/** Numbers in the order of time, as inputs and as what is to be forecast. */
package org.gatefold.recipe.field.series;
