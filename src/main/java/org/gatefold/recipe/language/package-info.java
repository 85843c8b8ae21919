/** Language models. */
package org.gatefold.recipe.language;
