using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using SkiaSharp;

namespace Recipes;

/// <summary>
/// libtorch for hosts that do not know our output folder (dotnet fsi, notebook kernels): an application finds it through its
/// deps.json, a script that references Recipes.dll does not, so it is loaded from beside Recipes.dll.
/// </summary>
public static class NativeLibraries
{
    /// <summary>Where the native libraries of this system lie beside Recipes.dll; the folder may not exist.</summary>
    public static string Folder { get; } =
        Path.Combine(Path.GetDirectoryName(typeof(NativeLibraries).Assembly.Location) ?? ".", "runtimes", Rid, "native");

    private static string Rid =>
        OperatingSystem.IsWindows() ? "win-x64"
        : OperatingSystem.IsMacOS() ? "osx-arm64"
        : "linux-x64";

    private static string[] Names =>
        OperatingSystem.IsWindows() ? ["torch.dll", "LibTorchSharp.dll", "libSkiaSharp.dll"]
        : OperatingSystem.IsMacOS() ? ["libtorch.dylib", "libLibTorchSharp.dylib", "libSkiaSharp.dylib"]
        : ["libtorch.so", "libLibTorchSharp.so", "libSkiaSharp.so"];

#pragma warning disable CA2255 // A library's module initializer: a script has no other place for this.
    [ModuleInitializer]
    internal static void LoadForScripts()
#pragma warning restore CA2255
    {
        var home = Path.GetDirectoryName(typeof(NativeLibraries).Assembly.Location);
        if (string.IsNullOrEmpty(home) || !Directory.Exists(Folder))
            return;
        if (Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory) == Path.TrimEndingDirectorySeparator(home))
            return;
        foreach (var library in Names.Select(name => Path.Combine(Folder, name)).Where(File.Exists))
            NativeLibrary.TryLoad(library, out _);
        // SkiaSharp asks by name alone, for which a library that is loaded already does not count.
        var skia = Path.Combine(Folder, Names[^1]);
        NativeLibrary.SetDllImportResolver(
            typeof(SKBitmap).Assembly,
            (name, _, _) => name == "libSkiaSharp" ? NativeLibrary.Load(skia) : 0
        );
    }
}
