/** The reference's operations but for the recurrent ones. */
package org.gatefold.backend.reference.operation;
