/** Recognition of speech. */
package org.gatefold.recipe.speech;
