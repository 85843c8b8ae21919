/** Trying other preparations of the same data within the training part, before a run begins. */
package org.gatefold.recipe.search;
