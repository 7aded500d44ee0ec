using System.Diagnostics;
using System.Globalization;
using Recipes.Display;
using Recipes.Notebook.Cells.Languages;
using Recipes.Notebook.Display;
using Recipes.Notebook.Documents;

namespace Recipes.Notebook.Cells.Magics;

/// <summary>One magic.</summary>
/// <param name="Name">Without <c>#!</c>.</param>
/// <param name="Usage">Its words.</param>
/// <param name="About">One sentence.</param>
/// <param name="Run">What it does.</param>
internal sealed record MagicCommand(string Name, string Usage, string About, Func<MagicContext, MagicLine, Task> Run);

/// <summary>What a magic works on.</summary>
/// <param name="Session">The languages and their values.</param>
/// <param name="Language">The language in force where the magic stands.</param>
/// <param name="AtEnd">Runs when the cell has ended well.</param>
internal sealed record MagicContext(NotebookSession Session, string Language, List<Action> AtEnd);

/// <summary>All magics. Languages (<c>#!fsharp</c>, <c>#!html</c>) are no magics: they begin a part of the cell.</summary>
internal static class MagicCommands
{
    public static IReadOnlyList<MagicCommand> All { get; } =
    [
        new("share", "#!share --from LANGUAGE NAME [--as NAME]", "this very object, by reference, from another language", Share),
        new("set", "#!set --name NAME --value @LANGUAGE:NAME | TEXT", "a variable from another language's, or from a text", Set),
        new("time", "#!time", "how long the cell takes", Time),
        new(
            "who",
            "#!who",
            "the names of the variables",
            (c, _) => Shown(string.Join(" ", c.Session.Variables(c.Language).Select(v => v.Name)))
        ),
        new("whos", "#!whos", "the variables with type and value", (c, _) => Shown(Whos(c))),
        new(
            "import",
            "#!import FILE",
            "runs a notebook (.ipynb, .dib) or a script (.csx, .fsx) here",
            (c, l) => c.Session.ImportAsync(Only(l))
        ),
        new("lsmagic", "#!lsmagic", "the magics", (_, _) => Shown(Magics())),
        new("about", "#!about", "what runs these cells", (_, _) => Shown(About())),
    ];

    public static async Task RunAsync(MagicContext context, string text)
    {
        if (text.StartsWith("#r ", StringComparison.Ordinal))
        {
            context.Session.AddPackage(text);
            return;
        }
        if (text.StartsWith("#i ", StringComparison.Ordinal))
        {
            context.Session.Packages.AddSource(text);
            return;
        }
        var line = MagicLine.Parse(text);
        var command =
            All.FirstOrDefault(c => c.Name == line.Name)
            ?? throw CellException.Magic(
                $"#!{line.Name} is unknown{Nearest.End(line.Name, [.. All.Select(c => c.Name), .. CellContent.Names])} '#!lsmagic' lists the magics."
            );
        await command.Run(context, line);
    }

    private static Task Share(MagicContext context, MagicLine line)
    {
        Transfer(context, line, line.Required("from"), Only(line), line.Option("as") ?? Only(line));
        return Task.CompletedTask;
    }

    private static Task Set(MagicContext context, MagicLine line)
    {
        var (name, value) = (line.Required("name"), line.Required("value"));
        if (!value.StartsWith('@'))
            context.Session.Language(context.Language).Set(name, value, typeof(string));
        else if (value[1..].Split(':') is [var from, var source])
            Transfer(context, line, from, source, name);
        else
            throw CellException.Magic($"{line.Text}: --value {value}: expected @LANGUAGE:NAME or a text.");
        return Task.CompletedTask;
    }

    private static void Transfer(MagicContext context, MagicLine line, string from, string name, string target)
    {
        var variables = context.Session.Variables(from);
        var found =
            variables.FirstOrDefault(v => v.Name == name)
            ?? throw CellException.Magic(
                $"{line.Text}: {from} has no variable '{name}'{Nearest.End(name, [.. variables.Select(v => v.Name)])} '#!who' lists the variables of a language; functions are none."
            );
        context.Session.Language(context.Language).Set(target, found.Value, found.Type);
    }

    private static Task Time(MagicContext context, MagicLine line)
    {
        var clock = Stopwatch.StartNew();
        context.AtEnd.Add(() =>
            Displays.display(
                string.Create(CultureInfo.InvariantCulture, $"Wall time: {clock.Elapsed.TotalMilliseconds:F1} ms"),
                "text/plain"
            )
        );
        return Task.CompletedTask;
    }

    private static Table Whos(MagicContext context) =>
        Table.From(
            context.Session.Variables(context.Language),
            (Column.Text("Variable"), v => v.Name),
            (Column.Text("Type"), v => TypeNames.CSharp(v.Type).Replace("global::", "", StringComparison.Ordinal)),
            (Column.Text("Value"), v => Short(v.Value))
        );

    private static string Short(object? value)
    {
        var text = ValueFormatter.Text(value).ReplaceLineEndings(" ");
        return text.Length <= 80 ? text : text[..79] + "…";
    }

    private static Table Magics() =>
        Table
            .From(All, (Column.Text("Magic"), m => m.Usage), (Column.Text("What it does"), m => m.About))
            .Row("#r \"nuget:PACKAGE,VERSION\"", "a package, from your own NuGet sources")
            .Row("#i \"nuget:SOURCE\"", "one more NuGet source for this notebook")
            .Row(string.Join(" ", CellContent.Names.Select(n => "#!" + n)), "the rest of the cell is in this language");

    private static Table About() =>
        Table
            .With(Column.Text("What"), Column.Text("Version"))
            .Row("Recipes", typeof(RecipesException).Assembly.GetName().Version!.ToString(3))
            .Row(".NET", Environment.Version.ToString())
            .Row("C#", typeof(Microsoft.CodeAnalysis.CSharp.CSharpCompilation).Assembly.GetName().Version!.ToString(3))
            .Row("F#", typeof(global::FSharp.Compiler.Interactive.Shell).Assembly.GetName().Version!.ToString(3))
            .Row("TorchSharp", typeof(TorchSharp.torch).Assembly.GetName().Version!.ToString(3));

    private static Task Shown(object value)
    {
        Displays.display(value);
        return Task.CompletedTask;
    }

    private static string Only(MagicLine line) =>
        line.Values is [var value] ? value : throw CellException.Magic($"{line.Text}: expected one name, found {line.Values.Count}.");
}
