/** Files of pictures and sound that a library decodes. */
package org.gatefold.data.media;
