/** Whether an asset goes up or down next, traded and beside baselines. */
package org.gatefold.recipe.market.moves;
