using System.Text.Json.Nodes;

namespace Recipes.Notebook.Documents;

/// <summary>The metadata by which notebooks and cells name their language.</summary>
internal static class NotebookMetadata
{
    /// <summary>The default language: polyglot_notebook before dotnet_interactive before kernelspec before language_info; else C#.</summary>
    public static string DefaultLanguage(JsonNode? metadata)
    {
        ReadOnlySpan<string?> names =
        [
            metadata.At("polyglot_notebook", "kernelInfo", "defaultKernelName").AsText(),
            metadata.At("polyglot_notebook", "defaultKernelName").AsText(),
            metadata.At("dotnet_interactive", "defaultKernelName").AsText(),
            metadata.At("dotnet_interactive", "language").AsText(),
            metadata.At("kernelspec", "language").AsText(),
            metadata.At("kernelspec", "name").AsText()?.Replace(".net-", "", StringComparison.Ordinal),
            metadata.At("language_info", "name").AsText(),
        ];
        foreach (var name in names)
            if (!string.IsNullOrWhiteSpace(name))
                return CellLanguages.Find(name) ?? name;
        return CellLanguages.CSharp;
    }

    /// <summary>A new document's metadata.</summary>
    /// <exception cref="RecipesException">Neither C# nor F#.</exception>
    public static JsonObject For(string language)
    {
        var metadata = KernelOf(language);
        metadata["polyglot_notebook"] = new JsonObject { ["kernelInfo"] = KernelInfo(CellLanguages.Find(language)!) };
        return metadata;
    }

    /// <summary>kernelspec and language_info, the pair that Jupyter needs to choose a kernel.</summary>
    public static JsonObject KernelOf(string language)
    {
        var isFSharp = CellLanguages.Find(language) switch
        {
            CellLanguages.CSharp => false,
            CellLanguages.FSharp => true,
            _ => throw new RecipesException(
                $"language '{language}': a notebook's default language is csharp or fsharp{Nearest.Hint(language, ["csharp", "fsharp"])}"
            ),
        };
        var (title, name, version) = isFSharp ? ("F#", "fsharp", "7.0") : ("C#", "csharp", "13.0");
        return new()
        {
            ["kernelspec"] = new JsonObject
            {
                ["display_name"] = $".NET ({title})",
                ["language"] = title,
                ["name"] = $".net-{name}",
            },
            ["language_info"] = new JsonObject
            {
                ["file_extension"] = isFSharp ? ".fs" : ".cs",
                ["mimetype"] = $"text/x-{name}",
                ["name"] = title,
                ["pygments_lexer"] = name,
                ["version"] = version,
            },
        };
    }

    /// <summary>The languages of a notebook, its own first, as <c>.dib</c> heads and VS Code store them.</summary>
    public static JsonObject KernelInfo(string language) =>
        new()
        {
            ["defaultKernelName"] = language,
            ["items"] = new JsonArray([
                .. new[] { CellLanguages.CSharp, CellLanguages.FSharp }.Prepend(language).Distinct().Select(Kernel),
            ]),
        };

    /// <summary>One language of <see cref="KernelInfo"/>.</summary>
    public static JsonNode Kernel(string language) =>
        new JsonObject
        {
            ["aliases"] = new JsonArray(),
            ["languageName"] = language,
            ["name"] = language,
        };

    /// <summary>A code cell's metadata.</summary>
    public static JsonObject ForCell(string language)
    {
        var name = CellLanguages.Find(language) ?? language;
        return new()
        {
            ["dotnet_interactive"] = new JsonObject { ["language"] = name },
            ["polyglot_notebook"] = new JsonObject { ["kernelName"] = name },
        };
    }
}
