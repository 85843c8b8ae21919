/** Which of NVIDIA's libraries are taken, and from where. */
package org.gatefold.backend.cuda.library;
