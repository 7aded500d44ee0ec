using System.Reflection;

namespace Recipes.Notebook.Cells.Languages;

/// <summary>What every cell can use without a reference: the framework, Recipes and the packages it is made of.</summary>
internal static class CellReferences
{
    private static readonly string[] _ours =
    [
        "Recipes",
        "Recipes.FSharp",
        "Recipes.Notebook",
        "TorchSharp",
        "FSharp.Core",
        "SkiaSharp",
        "Plotly.NET",
        "DynamicObj",
        "Giraffe.ViewEngine.StrongName",
        "Microsoft.DotNet.Interactive.Formatting",
        "Microsoft.AspNetCore.Html.Abstractions",
    ];

    /// <summary>Files of Recipes and its packages.</summary>
    public static IReadOnlyList<string> Ours { get; } =
    [.. _ours.Select(n => Path.Combine(AppContext.BaseDirectory, n + ".dll")).Where(File.Exists)];

    /// <summary>The framework's own files.</summary>
    public static IReadOnlyList<string> Framework { get; } =
    [
        .. ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "")
            .Split(Path.PathSeparator)
            .Where(p => p.StartsWith(Path.GetDirectoryName(typeof(object).Assembly.Location)!, StringComparison.Ordinal)),
    ];

    /// <summary>
    /// The file that a reference means: a path or name of an assembly that this process has or ships gives that one, so that a
    /// notebook's <c>#r "../bin/Recipes.dll"</c> never loads a second copy; anything else is a path relative to the folder. Null when there is no such file.
    /// </summary>
    public static string? Resolve(string reference, string folder)
    {
        var name = Path.GetFileNameWithoutExtension(reference);
        var isFile =
            reference.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
            || reference.EndsWith(".exe", StringComparison.OrdinalIgnoreCase);
        if (!isFile)
            name = reference.Split(',')[0].Trim();
        var shipped = Path.Combine(AppContext.BaseDirectory, name + ".dll");
        if (File.Exists(shipped))
            return shipped;
        if (Framework.FirstOrDefault(p => Path.GetFileNameWithoutExtension(p) == name) is { } framework)
            return framework;
        var path = Path.GetFullPath(Path.Combine(folder, reference));
        if (isFile && File.Exists(path))
            return path;
        var loaded = AppDomain
            .CurrentDomain.GetAssemblies()
            .FirstOrDefault(a => !a.IsDynamic && a.GetName().Name == name && a.Location.Length > 0);
        return loaded?.Location;
    }
}
