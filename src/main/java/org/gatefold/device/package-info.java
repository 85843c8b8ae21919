/** Where memory lives: devices, the scopes that own their memory, and how backends are found. */
package org.gatefold.device;
