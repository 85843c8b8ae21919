/**
 * The fast CPU path, {@code cpu.native}: off-heap memory and every operation through JNI to the library in
 * {@code native/}.
 *
 * <p>Native code is entered only from {@code compute} methods, whose arguments the front door has checked, and only
 * while the engine is open.
 */
package org.gatefold.backend.cpu;
