#nullable disable
using System;
using System.IO;
using System.Text;

namespace Recipes.Build
{
    /// <summary>
    /// Reads and weakens one symbol-version need of a 64-bit little-endian ELF library.
    /// TorchSharp 0.107.0's libLibTorchSharp.so needs version GLIBCXX_3.4.32 for a single symbol,
    /// _ZSt21ios_base_library_initv, which no relocation uses. Debian 12 and Ubuntu 22.04 end at 3.4.30, so the
    /// loader refuses the library and TorchSharp blames a missing libtorch. With the flag VER_FLG_WEAK on that one
    /// entry of .gnu.version_r the loader accepts it, and everything runs.
    /// </summary>
    public static class ElfVersionNeeds
    {
        private const uint GnuVersionNeed = 0x6ffffffe;
        private const ushort Weak = 0x2;

        /// <summary>Where the need for a version stands: the file offset of its vna_flags, and whether it is weak.</summary>
        public static bool TryFind(byte[] elf, string version, out int flagsOffset, out bool weak)
        {
            flagsOffset = -1;
            weak = false;
            if (elf.Length < 64 || U32(elf, 0) != 0x464c457f || elf[4] != 2 || elf[5] != 1)
                return false;
            var sections = (long)U64(elf, 0x28);
            int entrySize = U16(elf, 0x3a),
                count = U16(elf, 0x3c);
            for (var i = 0; i < count; i++)
            {
                var header = sections + i * entrySize;
                if (U32(elf, header + 4) != GnuVersionNeed)
                    continue;
                var names = (long)U64(elf, sections + U32(elf, header + 40) * entrySize + 24);
                return FindIn(elf, (long)U64(elf, header + 24), U32(elf, header + 44), names, version, ref flagsOffset, ref weak);
            }
            return false;
        }

        private static bool FindIn(byte[] elf, long need, uint needs, long names, string version, ref int at, ref bool weak)
        {
            for (uint n = 0; n < needs; n++)
            {
                var aux = need + U32(elf, need + 8);
                for (var a = 0; a < U16(elf, need + 2); a++)
                {
                    if (Name(elf, names + U32(elf, aux + 8)) == version)
                    {
                        at = (int)aux + 4;
                        weak = (U16(elf, at) & Weak) != 0;
                        return true;
                    }
                    aux += U32(elf, aux + 12);
                }
                need += U32(elf, need + 12);
            }
            return false;
        }

        /// <summary>
        /// Sets the weak flag in the file, through a temporary file and a move: the output may be a hard link into
        /// the package cache, which stays as it is. Returns false when there was nothing to do.
        /// </summary>
        public static bool Weaken(string path, string version)
        {
            var elf = File.ReadAllBytes(path);
            if (!TryFind(elf, version, out var at, out var weak) || weak)
                return false;
            BitConverter.GetBytes((ushort)(U16(elf, at) | Weak)).CopyTo(elf, at);
            var written = File.GetLastWriteTimeUtc(path);
            var temporary = path + ".tmp";
            File.WriteAllBytes(temporary, elf);
            File.SetLastWriteTimeUtc(temporary, written); // MSBuild sees an unchanged copy and leaves it alone
            File.Delete(path);
            File.Move(temporary, path);
            return true;
        }

        /// <summary>Whether this system's libstdc++ defines the version (true where there is no libstdc++ to ask).</summary>
        public static bool SystemHas(string version)
        {
            var library = SystemLibrary();
            return library == null || Encoding.ASCII.GetString(File.ReadAllBytes(library)).Contains(version + "\0");
        }

        /// <summary>The libstdc++ that the loader would take, or null.</summary>
        public static string SystemLibrary()
        {
            foreach (var folder in new[] { "/usr/lib/x86_64-linux-gnu", "/lib/x86_64-linux-gnu", "/usr/lib64", "/usr/lib" })
            {
                var path = Path.Combine(folder, "libstdc++.so.6");
                if (File.Exists(path))
                    return path;
            }
            return null;
        }

        private static ushort U16(byte[] b, long at) => BitConverter.ToUInt16(b, (int)at);

        private static uint U32(byte[] b, long at) => BitConverter.ToUInt32(b, (int)at);

        private static ulong U64(byte[] b, long at) => BitConverter.ToUInt64(b, (int)at);

        private static string Name(byte[] b, long at)
        {
            var end = Array.IndexOf(b, (byte)0, (int)at);
            return Encoding.ASCII.GetString(b, (int)at, end - (int)at);
        }
    }

#if !RECIPES
    /// <summary>The build step of <see cref="ElfVersionNeeds"/>: mends the copy in the output folder, where the system needs it.</summary>
    public sealed class WeakenTorchSharp : Microsoft.Build.Utilities.Task
    {
        [Microsoft.Build.Framework.Required]
        public string Library { get; set; }

        [Microsoft.Build.Framework.Required]
        public string SymbolVersion { get; set; }

        public override bool Execute()
        {
            if (!ElfVersionNeeds.SystemHas(SymbolVersion) && ElfVersionNeeds.Weaken(Library, SymbolVersion))
                Log.LogMessage(
                    Microsoft.Build.Framework.MessageImportance.High,
                    "{0}: need for {1} made weak (this system's libstdc++ is older)",
                    Library,
                    SymbolVersion
                );
            return true;
        }
    }
#endif
}
