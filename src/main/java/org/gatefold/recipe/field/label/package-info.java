/** Classes that rows belong to, and what a model that tells them apart is compared with. */
package org.gatefold.recipe.field.label;
