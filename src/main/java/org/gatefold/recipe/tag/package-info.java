/** Tags of words. */
package org.gatefold.recipe.tag;
