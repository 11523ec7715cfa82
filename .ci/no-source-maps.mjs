// AVA has Node read source maps. Types are stripped in place, so ours need none, and redis alone brings 650.
process.setSourceMapsEnabled(false);
