/** Several series in one table, and several columns at once: each is read and answered by fields of its own, all by one network. */
package org.gatefold.recipe.field.panel;
