/** What recipes read and answer: columns of tables on their way to a model, and its outputs on their way back. */
package org.gatefold.recipe.field;
