/** Recognition of handwritten digits, read row by row as sequences. */
package org.gatefold.recipe.digits;
