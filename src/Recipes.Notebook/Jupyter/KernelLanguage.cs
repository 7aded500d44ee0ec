using System.Reflection;
using System.Text.Json.Nodes;
using Recipes.Notebook.Jupyter.Wire;

namespace Recipes.Notebook.Jupyter;

/// <summary>How a language presents itself to Jupyter.</summary>
/// <param name="Name">As a cell names it: <c>csharp</c>, <c>fsharp</c>; also the name for highlighting.</param>
/// <param name="Title">As people write it.</param>
/// <param name="Version">The language's version.</param>
/// <param name="Extension">Of a source file, with its dot.</param>
public sealed record KernelLanguage(string Name, string Title, string Version, string Extension)
{
    /// <summary>C# and F#.</summary>
    public static IReadOnlyList<KernelLanguage> All { get; } = [new("csharp", "C#", "14.0", ".cs"), new("fsharp", "F#", "10.0", ".fs")];

    /// <summary>The kernelspec's folder, as notebooks name it: <c>.net-csharp</c>.</summary>
    public string Spec => ".net-" + Name;

    /// <summary>The kernelspec's title: <c>.NET (C#)</c>.</summary>
    public string Display => $".NET ({Title})";

    /// <summary>The language of a name.</summary>
    /// <exception cref="RecipesException">There is none.</exception>
    public static KernelLanguage Of(string name) =>
        All.FirstOrDefault(l => l.Name == name)
        ?? throw new RecipesException(
            $"language '{name}' is unknown{Nearest.End(name, All.Select(l => l.Name))} Known: {string.Join(", ", All.Select(l => l.Name))}."
        );

    /// <summary>The answer to <c>kernel_info_request</c>.</summary>
    internal JsonObject Info()
    {
        var version = typeof(KernelLanguage).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion;
        return new JsonObject
        {
            ["status"] = "ok",
            ["protocol_version"] = MessageCodec.Version,
            ["implementation"] = "recipes",
            ["implementation_version"] = version,
            ["language_info"] = new JsonObject
            {
                ["name"] = Title,
                ["version"] = Version,
                ["mimetype"] = "text/x-" + Name,
                ["file_extension"] = Extension,
                ["pygments_lexer"] = Name,
                ["codemirror_mode"] = "text/x-" + Name,
                ["nbconvert_exporter"] = "script",
            },
            ["banner"] = $"Recipes {version.Split('+')[0]}: C# and F# cells on .NET {Environment.Version}, {Title} by default",
            ["debugger"] = false,
            ["supported_features"] = new JsonArray(),
            ["help_links"] = new JsonArray(),
        };
    }
}
