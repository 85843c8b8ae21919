/** The next return of an asset, beside the random walk. */
package org.gatefold.recipe.market.returns;
