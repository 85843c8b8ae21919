/** Pictures: IDX files and raster images. */
package org.gatefold.data.image;
