using System.Diagnostics.CodeAnalysis;
using Microsoft.FSharp.Control;
using Microsoft.FSharp.Core;
using Recipes.Notebook.Cells;
using Recipes.Notebook.Cells.Execution;

namespace Recipes.Notebook.Display;

/// <summary>What a cell calls by name, in C# and F#.</summary>
[SuppressMessage("Naming", "CA1724", Justification = "Cells see the members, not the name.")]
[SuppressMessage("Naming", "CA1708", Justification = "display(x) and x.Display(): notebook users know both.")]
[SuppressMessage("Style", "IDE1006:Naming Styles", Justification = "The names that notebook users know.")]
public static class Displays
{
    /// <summary>Cancelled when the user interrupts the running cell. Give it to long work that can stop cleanly.</summary>
    public static CancellationToken Interruption => CellContext.Current?.Cancellation ?? CancellationToken.None;

    /// <summary>Shows a value at once, and returns what can change it later.</summary>
    public static DisplayedValue display(object? value) => Show(ValueFormatter.Format(value));

    /// <summary>Shows a text as this MIME type, for example <c>text/html</c>.</summary>
    public static DisplayedValue display(string content, string mimeType) => Show(MimeBundle.Of(mimeType, content));

    /// <summary>HTML, shown as it is.</summary>
    public static Html HTML(string content) => new(content);

    /// <summary>A script that the page runs when it shows the value.</summary>
    public static Html Javascript(string code) => new($"<script type=\"text/javascript\">{code}</script>");

    /// <summary>A style for the page that shows the value.</summary>
    public static Html CSS(string rules) => new($"<style>{rules}</style>");

    /// <summary>Removes the cell's outputs so far; with <paramref name="wait"/> when the next one comes.</summary>
    public static void clear(bool wait = false) => CellContext.Current?.Outputs.Emit(new CellOutput.Clear(wait));

    /// <summary>Asks the user for a line.</summary>
    /// <exception cref="NotSupportedException">There is no one to ask, as in a headless run.</exception>
    public static string input(string prompt = "") => Ask(prompt, hidden: false);

    /// <summary>Asks the user for a line that is not shown.</summary>
    /// <exception cref="NotSupportedException">There is no one to ask, as in a headless run.</exception>
    public static string password(string prompt = "") => Ask(prompt, hidden: true);

    /// <summary>The task's result, for F#, which has no await at the top level.</summary>
    public static T @await<T>(Task<T> task)
    {
        CellThread.Pump(task);
        return task.GetAwaiter().GetResult();
    }

    /// <summary>Waits for the task, for F#.</summary>
    public static void @await(Task task) => CellThread.Pump(task);

    /// <summary>The computation's result, for F#.</summary>
    public static T @await<T>(FSharpAsync<T> computation) =>
        @await(
            FSharpAsync.StartAsTask(computation, FSharpOption<TaskCreationOptions>.None, FSharpOption<CancellationToken>.Some(Interruption))
        );

    /// <summary>Shows the value at once, and returns what can change it later.</summary>
    public static DisplayedValue Display<T>(this T value) => display(value);

    private static string Ask(string prompt, bool hidden) =>
        CellContext.Current is { } cell
            ? cell.ReadLine(prompt, hidden)
            : throw new NotSupportedException("There is no cell that could ask.");

    private static DisplayedValue Show(MimeBundle content)
    {
        var shown = new DisplayedValue(Guid.NewGuid().ToString("N"));
        if (CellContext.Current is { } cell)
            cell.Outputs.Emit(new CellOutput.Display(content, shown.Id));
        else
            Console.WriteLine(content.Data["text/plain"]);
        return shown;
    }
}
