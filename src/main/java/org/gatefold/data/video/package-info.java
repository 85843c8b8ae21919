/** Films: frames in folders, and files that a decoder on the class path reads. */
package org.gatefold.data.video;
