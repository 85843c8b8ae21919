/**
 * Examines a device: every operation of it against the plain-Java reference, and how fast its recurrent layers are. Knows
 * operations by their contracts only.
 */
package org.gatefold.doctor;
