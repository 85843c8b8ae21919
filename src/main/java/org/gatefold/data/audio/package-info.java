/** Recordings, from files to features. */
package org.gatefold.data.audio;
