/** Classification of images: pictures, handwritten digits. */
package org.gatefold.recipe.image;
